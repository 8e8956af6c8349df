/* How much hashing the opening of a PKCS#12 file takes. Each of its parts says by itself how many
 * rounds its key is made with: whoever makes the file says how long we are busy. */
#pragma once

#include "crypto/openssl.h"

#include <openssl/pkcs12.h>

/* Rounds of all that can be seen without the password; INT64_MAX: more than can be said, or hashed
 * in a way whose cost is none of rounds. */
int64_t pkcs12_work_outside(PKCS12 *file);
/* Of all, also of what is encrypted. What cannot be opened is not counted. */
int64_t pkcs12_work(PKCS12 *file, const char *password, int password_len);
