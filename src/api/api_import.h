/* Importing and exporting people as CSV over the API, for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_import_create, api_import_export;
