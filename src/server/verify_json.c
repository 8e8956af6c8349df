#include "server/verify_say.h"

#include "api/json_write.h"
#include "base/encode.h"

#include <stdio.h>

enum { JSON_MAX_BYTES = 8 << 20 };

static const char *const kinds[] = {
	[VERIFY_CERTIFICATION] = "certification",
	[VERIFY_SIGNATURE] = "signature",
	[VERIFY_SEAL] = "seal",
	[VERIFY_STAMP] = "time_stamp",
};
static const char *const states[] = {
	[VERIFY_GOOD] = "good",
	[VERIFY_ADDED_TO] = "added_to",
	[VERIFY_CHANGED_AFTER] = "changed_after",
	[VERIFY_CHANGED] = "changed",
	[VERIFY_GAPS] = "gaps",
	[VERIFY_FORGED] = "forged",
	[VERIFY_NO_CHAIN] = "no_chain",
	[VERIFY_BAD_STAMP] = "bad_stamp",
	[VERIFY_WEAK] = "weak",
	[VERIFY_NOT_UNDERSTOOD] = "not_understood",
};

static void write_certificate(const struct verify_said *said, struct json_write *write,
			      const struct certificate_facts *facts)
{
	json_write_object(write, "certificate");
	json_write_text(write, "name", facts->name);
	json_write_text(write, "organisation", facts->organisation);
	json_write_text(write, "address", facts->address);
	json_write_text(write, "issuer", facts->issuer);
	json_write_time(write, "from", facts->from_ms);
	json_write_time(write, "until", facts->until_ms);
	json_write_text(write, "sha256", encode_hex(said->arena, str_bytes(facts->sha256, 32)));
	json_write_object_end(write);
}

static void write_signature(const struct verify_said *said, struct json_write *write,
			    const struct verify_signature *one)
{
	json_write_object(write, NULL);
	json_write_text(write, "kind", str_of(kinds[one->kind]));
	json_write_text(write, "state", str_of(states[one->state]));
	json_write_text(write, "field", one->field);
	json_write_text(write, "claimed_name", one->claimed_name);
	json_write_time(write, "claimed_time", one->claimed_ms);
	json_write_text(write, "reason", one->reason);
	json_write_bool(write, "covers_all", one->covers_all);
	json_write_int(write, "covers_bytes", one->until_bytes);
	json_write_text(write, "changed", one->changed);
	json_write_time(write, "stamped_time", one->stamped_ms);
	json_write_text(write, "stamped_by", one->stamped_by);
	json_write_bool(write, "is_chain_good", one->is_chain_good);
	json_write_bool(write, "is_in_time", one->is_in_time);
	json_write_bool(write, "is_known", one->is_known);
	json_write_text(write, "root", one->root);
	json_write_text(write, "root_sha256",
			encode_hex(said->arena, str_bytes(one->root_sha256, 32)));
	if (one->kind != VERIFY_STAMP)
		write_certificate(said, write, &one->signer);
	json_write_object_end(write);
}

void verify_say_json(const struct verify_said *said)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, JSON_MAX_BYTES);
	struct json_write write = {.out = &out};
	const struct verify_report *report = said->report;
	json_write_object(&write, NULL);
	json_write_text(&write, "result", str_of(verify_result_word(said)));
	json_write_bool(&write, "is_known", report->is_known);
	json_write_bool(&write, "has_unsigned_end", report->has_unsigned_end);
	json_write_bool(&write, "was_added_to", report->was_added_to);
	json_write_bool(&write, "is_unfinished", report->is_unfinished);
	json_write_int(&write, "bytes", report->bytes);
	json_write_text(&write, "sha256", encode_hex(said->arena, str_bytes(report->sha256, 32)));
	json_write_list(&write, "signatures");
	for (size_t i = 0; i < report->count; i++)
		write_signature(said, &write, &report->signatures[i]);
	json_write_list_end(&write);
	json_write_object_end(&write);
	printf("%.*s\n", STR_ARGS(buf_str(&out)));
}
