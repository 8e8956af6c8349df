/* Requests to sign documents (P6): /api/v1/signature-requests. */
#pragma once

#include "http/route.h"

handler_fn api_signings_create, api_signings_list, api_signings_inspect;
handler_fn api_signings_get, api_signings_file;
handler_fn api_signings_sign, api_signings_decline, api_signings_cancel, api_signings_remind;
