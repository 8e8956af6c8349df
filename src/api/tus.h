/* Uploads by the tus 1.0 protocol at /files (P5): core, creation, creation-with-upload,
 * termination, checksum, expiration. Described for programs in docs/API.md. */
#pragma once

#include "http/route.h"

handler_fn tus_options;
handler_fn tus_create;
handler_fn tus_head;
handler_fn tus_patch;
handler_fn tus_delete;
