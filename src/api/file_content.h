/* What is in a file (P5): the same for programs and for pages, which show and fetch it by the
 * session cookie. */
#pragma once

#include "http/route.h"

/* GET|HEAD /files/{id}/content?message=ID&inline -> the file, whole or in part. 410 after the end
 * of the right to it. */
handler_fn file_content_get;
/* POST /api/v1/messages/{id}/files/{file_id}/content {password}: of a confidential message. */
handler_fn file_content_open;
/* GET /api/v1/messages/{id}/files.zip -> all that can be read; POST with {password} for a
 * confidential message. */
handler_fn file_content_zip;
handler_fn file_content_open_zip;
