/* Of a signature, what no signature covers: versions, names of algorithms, whose it is said to be.
 * A byte changed there changes nothing for a patient reader; here it is told. */
#pragma once

#include "crypto/openssl.h"

struct cms_frame {
	struct str bytes; /* DER */
	CMS_SignerInfo *info;
	X509 *signer;
	bool is_plain_data; /* what is signed is of no type of its own */
};
/* Whether it is DER, and as RFC 5652 has it for one signer. */
bool cms_frame_is_exact(const struct cms_frame *frame);
