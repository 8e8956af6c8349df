/* The page of a refused request. */
#pragma once

#include "web/frame.h"

struct refuse_view {
	struct frame frame;
	struct str lead;
};
