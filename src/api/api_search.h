/* Searching messages (P4.1). */
#pragma once

#include "http/route.h"

/* GET /api/v1/search?q=&limit=&cursor= -> {items, looked_back_to, next_cursor} */
handler_fn api_search_find;
