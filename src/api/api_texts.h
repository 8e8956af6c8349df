/* The texts of mails (P3.3), for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_texts_list, api_texts_get, api_texts_put, api_texts_check;
