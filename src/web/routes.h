/* The table of all pages. */
#pragma once

#include "http/route.h"

extern const struct route web_routes[];
extern const size_t web_route_count;
