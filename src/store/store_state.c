#include "store/store_state.h"

#include "base/buf.h"
#include "store/store_direct.h"

#include <stdlib.h>

char *store_state_counts(const char *url)
{
	enum { NUMBERS = 8 };
	/* Each table is gone through once: tests of faults ask thousands of times. */
	static const struct {
		const char *table;
		const char *numbers[NUMBERS];
	} tables[] = {
		{"drafts", {"COUNT(*)", "SUM(version)"}},
		{"users", {"COUNT(*)", "SUM(version)"}},
		{"ways_in", {"COUNT(*)", "MAX(id)", "COUNT(*) FILTER (WHERE LENGTH(wrapped) > 0)"}},
		{"messages", {"COUNT(*)", "COUNT(*) FILTER (WHERE recalled_ms > 0)"}},
		{"message_texts", {"COUNT(*)"}},
		{"deliveries",
		 {"COUNT(*)", "COUNT(*) FILTER (WHERE LENGTH(sealed) > 0)",
		  "COUNT(*) FILTER (WHERE LENGTH(wrapped) > 0)",
		  "COUNT(*) FILTER (WHERE ended > 0)", "COUNT(*) FILTER (WHERE box = 5)",
		  "SUM(opened_ms)", "SUM(box)", "SUM(is_unread)"}},
		{"tracks", {"COUNT(*)"}},
		{"destructions", {"COUNT(*)"}},
		{"contacts", {"COUNT(*)", "MAX(last_id)"}},
		{"exchanges", {"COUNT(*)"}},
		{"away_answers", {"COUNT(*)"}},
		{"preferences", {"SUM(version)"}},
		{"labels", {"COUNT(*)"}},
		{"delivery_labels", {"COUNT(*)"}},
		{"mails", {"COUNT(*)", "MAX(id)", "SUM(state)", "SUM(attempts)"}},
		{"repeats", {"COUNT(*)"}},
		{"files",
		 {"COUNT(*)", "SUM(is_sent)", "SUM(state)", "SUM(stored_bytes)",
		  "COUNT(*) FILTER (WHERE LENGTH(owner_wrapped) > 0)"}},
		{"file_parts", {"COUNT(*)"}},
		{"message_files", {"COUNT(*)", "COUNT(*) FILTER (WHERE recalled_ms > 0)"}},
		{"file_deliveries",
		 {"COUNT(*)", "COUNT(*) FILTER (WHERE LENGTH(sealed) > 0)",
		  "COUNT(*) FILTER (WHERE LENGTH(wrapped) > 0)",
		  "COUNT(*) FILTER (WHERE ended > 0)"}},
		{"library", {"COUNT(*)"}},
		{"draft_files", {"COUNT(*)"}},
		{"signings", {"COUNT(*)", "SUM(version)", "SUM(state)"}},
		{"signing_people", {"SUM(state)", "SUM(reminders)"}},
		{"signing_files", {"SUM(revision)"}},
		{"signing_events", {"COUNT(*)"}},
		{"audit", {"COUNT(*)"}},
		{"audit_head", {"SUM(number)"}},
		{"address_proofs", {"COUNT(*)"}},
	};
	struct buf sql CLEANUP_BUF;
	buf_init(&sql, 8192);
	buf_add(&sql, STR("SELECT ''"));
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		buf_add(&sql, STR(" || (SELECT ''"));
		for (size_t j = 0; j < NUMBERS && tables[i].numbers[j]; j++)
			buf_addf(&sql, " || COALESCE(CAST(%s AS TEXT), '') || ' '",
				 tables[i].numbers[j]);
		buf_addf(&sql, " FROM %s)", tables[i].table);
	}
	buf_add_char(&sql, 0);
	if (sql.err != OK)
		abort();
	return store_direct_read(url, buf_str(&sql).data);
}

int64_t store_state_half_openings(const char *url)
{
	char *text = store_direct_read(
		url,
		"SELECT COUNT(*) FROM deliveries d WHERE d.kind IN (1, 2, 3) AND d.box <> 5 AND "
		"((d.opened_ms > 0 AND d.ended = 0 AND LENGTH(d.sealed) > 0) OR d.opened_ms <> "
		"(SELECT COALESCE(MAX(t.at_ms), 0) FROM tracks t WHERE t.message_id = "
		"d.message_id AND t.user_id = d.user_id AND t.kind = 2))");
	int64_t halves = atoll(text);
	free(text);
	return halves;
}
