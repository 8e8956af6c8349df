#include "core/signing_cms.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/signing_keys.h"
#include "core/timestamper.h"
#include "crypto/cms.h"
#include "crypto/hashing.h"
#include "crypto/timestamp.h"

#include <stdlib.h>

static enum err take_key(struct cx *cx, enum pdf_signing_kind kind, const struct user *person,
			 struct signing_key **ret)
{
	if (kind == PDF_CERTIFY)
		return signing_keys_certify(cx, ret);
	if (kind == PDF_SEAL)
		return signing_keys_seal(cx, ret);
	return signing_keys_person(cx, user_label(person), person->address_key, ret);
}

/* ---- time stamps ---- */

static enum err stamp(struct cx *cx, struct str cms, struct str *ret_cms, int64_t *ret_ms)
{
	struct timestamper *timestamper = cx->portal->timestamper;
	struct str request, response, token;
	uint8_t sum[SHA256_BYTES];
	int64_t at_ms;
	TRY(cms_signature_digest(cms, sum));
	TRY(timestamp_ask(sum, cx->arena, &request));
	TRY(timestamper->ask(timestamper, cx->portal->settings->timestamp_url, cx->arena, request,
			     &response));
	TRY(timestamp_read(request, response, cx->arena, &token, &at_ms));
	/* Before its certificate began a signature proves nothing: better none than a wrong one. */
	if (llabs(at_ms - cx_now_ms(cx)) > LIMIT_TIMESTAMP_SKEW_MS)
		return ERR_INVALID;
	TRY(cms_add_timestamp(cx->arena, cms, token, ret_cms));
	if (ret_cms->len > CMS_MAX_BYTES)
		return ERR_TOO_LARGE;
	*ret_ms = at_ms;
	return OK;
}

/* Without it the signature is as good, but for the proof of its time: nobody waits for that. */
static void try_stamp(struct cx *cx, struct signing_stamping *stamping, struct str *cms,
		      int64_t *ret_ms)
{
	struct str stamped;
	int64_t now_ms = clock_monotonic_ms();
	if (stamping == NULL || cx->portal->timestamper == NULL ||
	    cx->portal->settings->timestamp_url.len == 0)
		return;
	if (stamping->until_ms == 0)
		stamping->until_ms = now_ms + LIMIT_TIMESTAMP_MS;
	if (stamping->is_over || now_ms >= stamping->until_ms)
		return;
	enum err err = stamp(cx, *cms, &stamped, ret_ms);
	cx->portal->health.is_stamp_down = err != OK;
	cx->portal->health.stamp_ms = cx_now_ms(cx);
	if (err == OK) {
		*cms = stamped;
		return;
	}
	stamping->is_over = true;
	log_event(LOG_WARN, "signing.not_time_stamped", LOG_CSTR("error", err_name(err)));
}

/* ---- */

enum err signing_cms_close(struct cx *cx, struct pdf_open *open, enum pdf_signing_kind kind,
			   const struct user *person, struct signing_stamping *stamping,
			   int64_t *ret_stamped_ms)
{
	struct signing_key *key = NULL;
	uint8_t sum[SHA256_BYTES];
	struct str cms;
	int64_t stamped_ms = 0;
	TRY(pdf_open_digest(open, sum));
	TRY(take_key(cx, kind, person, &key));
	enum err err = cms_sign(key, sum, cx->arena, &cms);
	signing_key_free(key);
	TRY(err);
	try_stamp(cx, stamping, &cms, &stamped_ms);
	TRY(pdf_open_close(open, cms));
	*ret_stamped_ms = stamped_ms;
	return OK;
}
