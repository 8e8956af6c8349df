/* What somebody keeps for signing again (P6): /api/v1/signature-templates and /api/v1/signatures.
 */
#pragma once

#include "http/route.h"

handler_fn api_signing_kept_list, api_signing_kept_create, api_signing_kept_get;
handler_fn api_signing_kept_rename, api_signing_kept_delete;
handler_fn api_signing_kept_marks, api_signing_kept_mark, api_signing_kept_unmark;
