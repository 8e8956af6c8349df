/* Small files that programs look for at fixed paths. */
#pragma once

#include "http/route.h"

handler_fn well_known_robots, well_known_icon;
