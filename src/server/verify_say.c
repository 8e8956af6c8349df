#include "server/verify_say.h"

#include "base/encode.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_UNSIGNED = 3, EXIT_STRANGER = 4 };

#define LINE(said, id, ...)                                                                        \
	line((said), TEXT_FILL((said)->arena, (said)->language, (id), __VA_ARGS__))
#define PLAIN_LINE(said, id) line((said), text_get((said)->language, (id)))

static void line(const struct verify_said *said, struct str text)
{
	(void)said;
	printf("   %.*s\n", STR_ARGS(text));
}

static struct str time_of(const struct verify_said *said, int64_t at_ms)
{
	return format_date_time(said->arena, said->language, STR("UTC"), at_ms);
}

static struct str date_of(const struct verify_said *said, int64_t at_ms)
{
	return format_date(said->arena, said->language, STR("UTC"), at_ms);
}

static struct str sum_of(const struct verify_said *said, const uint8_t sha256[32])
{
	return encode_hex(said->arena, str_bytes(sha256, 32));
}

static struct str or_else(struct str text, struct str other)
{
	return str_is_empty(text) ? other : text;
}

/* ---- one signature ---- */

static void say_heading(const struct verify_said *said, size_t at)
{
	static const enum text_id kinds[] = {
		[VERIFY_CERTIFICATION] = TEXT_VERIFY_KIND_CERTIFICATION,
		[VERIFY_SIGNATURE] = TEXT_VERIFY_KIND_SIGNATURE,
		[VERIFY_SEAL] = TEXT_VERIFY_KIND_SEAL,
		[VERIFY_STAMP] = TEXT_VERIFY_KIND_STAMP,
	};
	const struct verify_signature *one = &said->report->signatures[at];
	struct str unknown = text_get(said->language, TEXT_VERIFY_WHO_UNKNOWN);
	struct str text = TEXT_FILL(said->arena, said->language, kinds[one->kind],
				    TEXT_NUMBER("number", (int64_t)at + 1),
				    TEXT_ARG("who", or_else(one->signer.name, unknown)));
	printf("\n%.*s\n", STR_ARGS(text));
}

static void say_state(const struct verify_said *said, const struct verify_signature *one)
{
	static const enum text_id states[] = {
		[VERIFY_GOOD] = TEXT_VERIFY_STATE_GOOD,
		[VERIFY_ADDED_TO] = TEXT_VERIFY_STATE_ADDED_TO,
		[VERIFY_CHANGED_AFTER] = TEXT_VERIFY_STATE_CHANGED_AFTER,
		[VERIFY_CHANGED] = TEXT_VERIFY_STATE_CHANGED,
		[VERIFY_GAPS] = TEXT_VERIFY_STATE_GAPS,
		[VERIFY_FORGED] = TEXT_VERIFY_STATE_FORGED,
		[VERIFY_NO_CHAIN] = TEXT_VERIFY_STATE_NO_CHAIN,
		[VERIFY_BAD_STAMP] = TEXT_VERIFY_STATE_BAD_STAMP,
		[VERIFY_WEAK] = TEXT_VERIFY_STATE_WEAK,
		[VERIFY_NOT_UNDERSTOOD] = TEXT_VERIFY_STATE_NOT_UNDERSTOOD,
	};
	LINE(said, states[one->state], TEXT_ARG("changed", or_else(one->changed, STR("?"))));
	if (one->state == VERIFY_GAPS)
		return;
	if (one->covers_all)
		PLAIN_LINE(said, TEXT_VERIFY_COVERS_ALL);
	else
		LINE(said, TEXT_VERIFY_COVERS_PART,
		     TEXT_ARG("size", format_size(said->arena, said->language, one->until_bytes)));
}

static void say_time(const struct verify_said *said, const struct verify_signature *one)
{
	if (one->stamped_ms)
		LINE(said, TEXT_VERIFY_TIME_STAMPED,
		     TEXT_ARG("time", time_of(said, one->stamped_ms)),
		     TEXT_ARG("by", one->stamped_by));
	else if (one->claimed_ms)
		LINE(said, TEXT_VERIFY_TIME_CLAIMED,
		     TEXT_ARG("time", time_of(said, one->claimed_ms)));
	else
		PLAIN_LINE(said, TEXT_VERIFY_TIME_NONE);
}

static void say_issuer(const struct verify_said *said, const struct verify_signature *one)
{
	enum text_id known = said->named == VERIFY_NAMED_PORTAL ? TEXT_VERIFY_ISSUER_PORTAL
								: TEXT_VERIFY_ISSUER_KNOWN;
	enum text_id id = !one->is_chain_good   ? TEXT_VERIFY_ISSUER_BAD
			  : one->is_known       ? known
			  : one->is_self_signed ? TEXT_VERIFY_ISSUER_SELF
						: TEXT_VERIFY_ISSUER_UNKNOWN;
	LINE(said, id, TEXT_ARG("root", one->root),
	     TEXT_ARG("sum", sum_of(said, one->root_sha256)));
	if (!one->is_in_time)
		PLAIN_LINE(said, TEXT_VERIFY_ISSUER_TIME);
}

static void say_certificate(const struct verify_said *said, const struct verify_signature *one)
{
	const struct certificate_facts *facts = &one->signer;
	LINE(said,
	     str_is_empty(facts->address) ? TEXT_VERIFY_CERTIFICATE
					  : TEXT_VERIFY_CERTIFICATE_ADDRESS,
	     TEXT_ARG("name", facts->name), TEXT_ARG("address", facts->address),
	     TEXT_ARG("issuer", facts->issuer), TEXT_ARG("from", date_of(said, facts->from_ms)),
	     TEXT_ARG("until", date_of(said, facts->until_ms)));
	say_issuer(said, one);
}

static void say_signature(const struct verify_said *said, size_t at)
{
	const struct verify_signature *one = &said->report->signatures[at];
	bool is_read = one->state != VERIFY_NOT_UNDERSTOOD && one->state != VERIFY_GAPS;
	say_heading(said, at);
	say_state(said, one);
	if (!str_is_empty(one->reason))
		LINE(said, TEXT_VERIFY_REASON, TEXT_ARG("reason", one->reason));
	say_time(said, one);
	if (is_read && one->state != VERIFY_WEAK && one->kind != VERIFY_STAMP)
		say_certificate(said, one);
}

/* ---- the result ---- */

static bool is_stranger(const struct verify_said *said)
{
	return said->named != VERIFY_NAMED_NOBODY && !said->report->is_known;
}

static enum text_id result_id(const struct verify_said *said)
{
	switch (said->report->verdict) {
	case VERIFY_BROKEN: return TEXT_VERIFY_RESULT_BROKEN;
	case VERIFY_UNCHECKED: return TEXT_VERIFY_RESULT_UNCHECKED;
	case VERIFY_ADDED: return TEXT_VERIFY_RESULT_ADDED;
	case VERIFY_UNSIGNED: return TEXT_VERIFY_RESULT_UNSIGNED;
	case VERIFY_HOLDS: break;
	}
	return is_stranger(said)        ? TEXT_VERIFY_RESULT_STRANGER
	       : said->report->is_known ? TEXT_VERIFY_RESULT_KNOWN
					: TEXT_VERIFY_RESULT_HOLDS;
}

const char *verify_result_word(const struct verify_said *said)
{
	switch (said->report->verdict) {
	case VERIFY_BROKEN: return "broken";
	case VERIFY_UNCHECKED: return "unchecked";
	case VERIFY_ADDED: return "added";
	case VERIFY_UNSIGNED: return "unsigned";
	case VERIFY_HOLDS: break;
	}
	return is_stranger(said) ? "stranger" : "holds";
}

int verify_exit_status(const struct verify_said *said)
{
	switch (said->report->verdict) {
	case VERIFY_BROKEN:
	case VERIFY_ADDED:
	case VERIFY_UNCHECKED: return EXIT_FAILURE;
	case VERIFY_UNSIGNED: return EXIT_UNSIGNED;
	case VERIFY_HOLDS: break;
	}
	return is_stranger(said) ? EXIT_STRANGER : EXIT_SUCCESS;
}

static void say_beside(const struct verify_said *said, bool is_so, enum text_id id)
{
	struct str text = text_get(said->language, id);
	if (is_so && said->report->count > 0)
		printf("%.*s\n", STR_ARGS(text));
}

void verify_say(const struct verify_said *said)
{
	const struct verify_report *report = said->report;
	struct str root = report->count ? report->signatures[report->count - 1].root : STR_NONE;
	struct str text = TEXT_FILL(
		said->arena, said->language, TEXT_VERIFY_DOCUMENT, TEXT_ARG("file", said->file),
		TEXT_ARG("size", format_size(said->arena, said->language, report->bytes)),
		TEXT_ARG("sum", sum_of(said, report->sha256)));
	printf("%.*s\n", STR_ARGS(text));
	for (size_t i = 0; i < report->count; i++)
		say_signature(said, i);
	putchar('\n');
	say_beside(said, report->was_added_to, TEXT_VERIFY_ADDED_TO);
	say_beside(said, report->has_unsigned_end, TEXT_VERIFY_UNSIGNED_END);
	say_beside(said, report->is_unfinished, TEXT_VERIFY_UNFINISHED);
	text = TEXT_FILL(said->arena, said->language, result_id(said),
			 TEXT_NUMBER("count", (int64_t)report->count),
			 TEXT_ARG("root", or_else(root, STR("?"))));
	printf("%.*s\n", STR_ARGS(text));
}
