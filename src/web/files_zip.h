/* "Download all": the files of a message as one zip. */
#pragma once

#include "http/route.h"

handler_fn files_zip_download;
