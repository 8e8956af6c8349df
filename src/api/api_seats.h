/* Seats over the API (P1.6), for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_seats_get;
