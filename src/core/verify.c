#include "core/verify.h"

#include "base/utf8.h"
#include "crypto/cms.h"
#include "crypto/hashing.h"
#include "crypto/timestamp.h"

#include <string.h>

enum { SHOWN_MAX_CHARS = 200 };

struct verifying {
	struct arena *arena;
	struct str document;
	const struct verify_known *known;
	size_t known_count;
	int64_t now_ms;
};

/* ---- text from outside ---- */

/* Bytes of the character at hand; 0: none that can be shown. */
static size_t showable(struct str text, size_t at)
{
	for (size_t len = 1; len <= 4; len++)
		if (at + len <= text.len && utf8_is_line(str_slice(text, at, len)))
			return len;
	return 0;
}

/* So that nothing of it can break a line, move a cursor, or turn a name around. */
static struct str shown(struct arena *arena, struct str text)
{
	static const char unknown[] = "\xef\xbf\xbd";
	if (utf8_is_line(text) && utf8_count(text) <= SHOWN_MAX_CHARS)
		return text;
	char *out = arena_alloc(arena, 4 * SHOWN_MAX_CHARS);
	size_t len = 0, at = 0;
	if (out == NULL)
		return STR_NONE;
	for (int count = 0; count < SHOWN_MAX_CHARS && at < text.len; count++) {
		size_t bytes = showable(text, at), take = bytes ? bytes : sizeof(unknown) - 1;
		memcpy(out + len, bytes ? text.data + at : unknown, take);
		len += take;
		at += bytes ? bytes : 1;
	}
	return str_bytes(out, len);
}

/* ---- one signature ---- */

static bool is_known(const struct verifying *v, const uint8_t sha256[32])
{
	for (size_t i = 0; i < v->known_count; i++)
		if (memcmp(v->known[i].sha256, sha256, 32) == 0)
			return true;
	return false;
}

static enum verify_kind kind_of(const struct pdf_signature *from)
{
	if (str_eq(from->sub_filter, STR("ETSI.RFC3161")))
		return VERIFY_STAMP;
	if (from->is_field_lock_all || from->docmdp == 1)
		return VERIFY_SEAL;
	return from->docmdp > 0 ? VERIFY_CERTIFICATION : VERIFY_SIGNATURE;
}

/* Of one that itself is good. That what was added is covered remains to be seen. */
static enum verify_state state_since(const struct pdf_signature *from)
{
	return from->is_untouched_since ? VERIFY_GOOD
	       : from->is_only_added_to ? VERIFY_ADDED_TO
					: VERIFY_CHANGED_AFTER;
}

static enum verify_state state_of(enum cms_verdict verdict, const struct pdf_signature *from)
{
	switch (verdict) {
	case CMS_GOOD: return state_since(from);
	case CMS_CHANGED: return VERIFY_CHANGED;
	case CMS_BAD_SIGNATURE: return VERIFY_FORGED;
	case CMS_WEAK: return VERIFY_WEAK;
	case CMS_NOT_UNDERSTOOD: break;
	}
	return VERIFY_NOT_UNDERSTOOD;
}

static void show_certificate(struct arena *arena, struct certificate_facts *facts)
{
	facts->name = shown(arena, facts->name);
	facts->organisation = shown(arena, facts->organisation);
	facts->address = shown(arena, facts->address);
	facts->issuer = shown(arena, facts->issuer);
}

static enum err check_cms(const struct verifying *v, const struct pdf_signature *from,
			  const struct str pieces[2], struct verify_signature *to)
{
	struct cms_facts facts;
	TRY(cms_verify(from->contents, pieces, v->arena, &facts));
	int64_t at_ms = facts.stamped_ms ? facts.stamped_ms : v->now_ms;
	to->state = state_of(facts.verdict, from);
	to->has_bad_stamp = facts.has_bad_stamp;
	to->signer = facts.signer;
	show_certificate(v->arena, &to->signer);
	to->is_chain_good = facts.is_chain_good;
	to->is_self_signed = memcmp(facts.root_sha256, facts.signer.sha256, 32) == 0;
	to->root = shown(v->arena, facts.root);
	memcpy(to->root_sha256, facts.root_sha256, sizeof(to->root_sha256));
	to->is_in_time = facts.chain_from_ms <= at_ms && at_ms <= facts.chain_until_ms;
	to->stamped_ms = facts.stamped_ms;
	to->stamped_by = shown(v->arena, facts.stamped_by);
	to->is_known = facts.verdict == CMS_GOOD && facts.is_chain_good && to->is_in_time &&
		       (is_known(v, facts.root_sha256) || is_known(v, facts.signer.sha256));
	return OK;
}

/* A time stamp of the document as a whole. */
static enum err check_stamp(const struct verifying *v, const struct pdf_signature *from,
			    const struct str pieces[2], struct verify_signature *to)
{
	struct timestamp_facts facts;
	TRY(timestamp_verify(from->contents, pieces, v->arena, &facts));
	to->state = facts.verdict == TIMESTAMP_OF_ANOTHER ? VERIFY_CHANGED
		    : facts.verdict == TIMESTAMP_BAD      ? VERIFY_NOT_UNDERSTOOD
							  : state_since(from);
	to->stamped_ms = facts.verdict == TIMESTAMP_GOOD ? facts.at_ms : 0;
	to->stamped_by = to->signer.name = shown(v->arena, facts.by);
	memcpy(to->root_sha256, facts.root_sha256, sizeof(to->root_sha256));
	to->is_chain_good = to->is_in_time = facts.verdict != TIMESTAMP_BAD;
	to->is_known = facts.verdict == TIMESTAMP_GOOD && is_known(v, facts.root_sha256);
	return OK;
}

static enum err check_one(const struct verifying *v, const struct pdf_signature *from,
			  struct verify_signature *to)
{
	struct str pieces[2];
	*to = (struct verify_signature){
		.kind = kind_of(from),
		.state = VERIFY_GAPS,
		.field = shown(v->arena, from->field),
		.claimed_name = shown(v->arena, from->name),
		.reason = shown(v->arena, from->reason),
		.claimed_ms = from->at_ms,
		.changed = shown(v->arena, from->changed),
	};
	if (!pdf_signature_pieces(from, v->document, pieces))
		return OK;
	to->covers_all = from->covers_all;
	to->until_bytes = from->range[2] + from->range[3];
	return to->kind == VERIFY_STAMP ? check_stamp(v, from, pieces, to)
					: check_cms(v, from, pieces, to);
}

/* ---- the whole ---- */

static bool is_sealed(const struct verify_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->signatures[i].kind == VERIFY_SEAL)
			return true;
	return false;
}

/* What cannot be checked of one that is otherwise good. */
static void look_behind(struct verify_signature *one)
{
	if (one->state != VERIFY_GOOD && one->state != VERIFY_ADDED_TO)
		return;
	if (one->has_bad_stamp)
		one->state = VERIFY_BAD_STAMP;
	else if (!one->is_chain_good)
		one->state = VERIFY_NO_CHAIN;
}

/* Whether somebody has signed what was added after this one: a later signature (a time stamp is
 * nobody's), after which nothing was added or changed, and the last one covers all there is. */
static bool is_covered(const struct verify_report *report, size_t at)
{
	const struct verify_signature *last = &report->signatures[report->count - 1];
	if (last->state != VERIFY_GOOD || !last->covers_all)
		return false;
	for (size_t i = at + 1; i < report->count; i++)
		if (report->signatures[i].state == VERIFY_GOOD &&
		    report->signatures[i].kind != VERIFY_STAMP)
			return true;
	return false;
}

/* From the last one: what stands behind those that cover others is known then. */
static void settle_states(struct verify_report *report)
{
	for (size_t i = report->count; i-- > 0;) {
		struct verify_signature *one = &report->signatures[i];
		if (one->state == VERIFY_ADDED_TO && !is_covered(report, i))
			one->state = VERIFY_CHANGED_AFTER;
		look_behind(one);
		report->was_added_to = report->was_added_to || one->state == VERIFY_ADDED_TO;
	}
}

static enum verify_verdict judge(const struct verify_report *report)
{
	bool is_unchecked = false;
	if (report->count == 0)
		return VERIFY_UNSIGNED;
	for (size_t i = 0; i < report->count; i++) {
		switch (report->signatures[i].state) {
		case VERIFY_GOOD:
		case VERIFY_ADDED_TO: break;
		case VERIFY_CHANGED_AFTER:
		case VERIFY_CHANGED:
		case VERIFY_GAPS:
		case VERIFY_FORGED: return VERIFY_BROKEN;
		case VERIFY_NO_CHAIN:
		case VERIFY_BAD_STAMP:
		case VERIFY_WEAK:
		case VERIFY_NOT_UNDERSTOOD: is_unchecked = true; break;
		}
	}
	if (report->has_unsigned_end &&
	    is_sealed(report)) /* whatever it is: nothing may be added */
		return VERIFY_BROKEN;
	if (is_unchecked)
		return VERIFY_UNCHECKED;
	return report->has_unsigned_end ? VERIFY_ADDED : VERIFY_HOLDS;
}

static enum err check_all(const struct verifying *v, const struct pdf_signatures *found,
			  struct verify_report *report)
{
	report->count = found->count;
	report->has_unsigned_end = found->has_unsigned_end;
	report->signatures = ARENA_ARRAY(v->arena, found->count + 1, struct verify_signature);
	if (report->signatures == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < found->count; i++)
		TRY(check_one(v, &found->items[i], &report->signatures[i]));
	settle_states(report);
	report->is_unfinished = found->has_empty_places && !is_sealed(report);
	report->verdict = judge(report);
	report->was_added_to = report->was_added_to && report->verdict == VERIFY_HOLDS;
	report->is_known =
		report->verdict == VERIFY_HOLDS && report->signatures[found->count - 1].is_known;
	return v->arena->failed ? ERR_UNAVAILABLE : OK;
}

static enum err sha256_of(struct str bytes, uint8_t ret[SHA256_BYTES])
{
	struct hashing *hashing;
	TRY(hashing_new(HASH_SHA256, &hashing));
	hashing_add(hashing, bytes);
	hashing_result(hashing, ret);
	hashing_free(hashing);
	return OK;
}

enum err verify_document(struct pdf_workers *workers, const struct pdf_bytes *document,
			 const struct verify_known *known, size_t known_count, int64_t now_ms,
			 struct arena *arena, struct verify_report *ret,
			 enum pdf_refusal *ret_refusal)
{
	struct pdf_signatures found;
	struct verifying v = {
		.arena = arena, .known = known, .known_count = known_count, .now_ms = now_ms};
	struct verify_report report = {.bytes = document->bytes};
	TRY(pdf_signatures(workers, document, arena, &found, ret_refusal));
	TRY(pdf_bytes_map(document, &v.document));
	enum err err = sha256_of(v.document, report.sha256);
	if (err == OK)
		err = check_all(&v, &found, &report);
	pdf_bytes_unmap(v.document);
	if (err == OK)
		*ret = report;
	return err;
}
