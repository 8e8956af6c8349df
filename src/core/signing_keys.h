/* By what the portal signs documents (P6): its own authority, which issues a certificate with a new
 * key for each signature, and, if there is one, the certificate of a real authority for the final
 * seal. Private keys are stored under the portal key. */
#pragma once

#include "core/cx.h"
#include "crypto/certificate.h"
#include "store/signing_keys.h"

/* A key for one signature; free it with signing_key_free() right after. ERR_UNAVAILABLE,
 * ERR_CORRUPT (an alarm was logged). */
/* The portal itself: certifies a document that is ready to be signed. */
enum err signing_keys_certify(struct cx *cx, struct signing_key **ret) MUST_CHECK;
/* A person. address: normalised (address.key); empty: none. */
enum err signing_keys_person(struct cx *cx, struct str name, struct str address,
			     struct signing_key **ret) MUST_CHECK;
/* The final seal: by the imported certificate, if it is valid now, else as signing_keys_certify().
 */
enum err signing_keys_seal(struct cx *cx, struct signing_key **ret) MUST_CHECK;

/* Makes the authority where there is none yet, and a new one when it would end within ten years:
 * what is signed now can be verified for so long. portal_open() calls it. */
enum err signing_keys_begin(struct portal *portal) MUST_CHECK;

/* Takes the certificate that signs the final seals from now on, in place of the one before, whose
 * key is destroyed. ERR_INVALID: *ret_refusal says why not. */
enum err signing_keys_import(struct cx *cx, struct str pkcs12, struct str password,
			     struct certificate_facts *ret,
			     enum pkcs12_refusal *ret_refusal) MUST_CHECK;
/* Destroys its key: the portal's own authority seals again. ERR_NOT_FOUND: there is none. */
enum err signing_keys_forget(struct cx *cx) MUST_CHECK;

/* The key of a row that has not ended. ERR_CORRUPT: an alarm was logged. */
enum err signing_keys_open(const struct portal *portal, struct arena *arena,
			   const struct signing_key_row *row, struct signing_key **ret) MUST_CHECK;

struct signing_key_view {
	enum signing_key_kind kind;
	int64_t created_ms, ended_ms; /* ended: 0: in use */
	struct str certificate;       /* DER */
	struct certificate_facts facts;
};
/* All, of both kinds, newest first. */
enum err signing_keys_all(struct cx *cx, struct signing_key_view **ret,
			  size_t *ret_count) MUST_CHECK;
