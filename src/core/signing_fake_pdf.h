/* For tests: see signing_fake_pdf.c, which takes the place of pdf/client.c. */
#pragma once

#include "pdf/pdf.h"

/* Real places; no worker ever runs. */
struct pdf_workers *signing_fake_workers(void);
/* How often a document was looked at. */
extern _Atomic int signing_fake_calls;
/* From now on each of them ends like a worker that died; or no more. */
extern _Atomic bool signing_fake_is_broken;
/* From now on no picture can be decoded; or each again. */
extern _Atomic bool signing_fake_picture_is_bad;
/* Called before each signature is opened, by the thread that does; NULL: nothing. */
void signing_fake_before_open(void (*call)(void *argument), void *argument);
