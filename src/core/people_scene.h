/* For tests and benchmarks: a portal of many people. */
#pragma once

#include "core/portal.h"

/* Adds `count` people with names, addresses, grades and states as they come in a portal, without
 * keys: nobody can sign in as one of them. Ends the program if it cannot. */
void people_scene_fill(struct portal *portal, int count);
/* PostgreSQL looks at what there is, as it does by itself some time later. */
void people_scene_settle(const char *url);
