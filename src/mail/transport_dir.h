/* E-mails as files, for trying a portal out with no mail server (P3.4): FOLDER/ID.eml. */
#pragma once

#include "mail/transport.h"

/* Makes the folder (0700) if it is missing. ERR_UNAVAILABLE when it can't. */
enum err transport_dir_open(struct str folder, struct transport **ret) MUST_CHECK;
