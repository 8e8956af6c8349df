#include "store/store_state.h"

#include "base/buf.h"
#include "store/store_direct.h"

#include <stdlib.h>

char *store_state_counts(const char *url)
{
	static const char *const numbers[] = {
		"COUNT(*) FROM drafts",
		"SUM(version) FROM drafts",
		"COUNT(*) FROM users",
		"SUM(version) FROM users",
		"COUNT(*) FROM ways_in",
		"MAX(id) FROM ways_in",
		"COUNT(*) FROM ways_in WHERE LENGTH(wrapped) > 0",
		"COUNT(*) FROM messages",
		"COUNT(*) FROM messages WHERE recalled_ms > 0",
		"COUNT(*) FROM message_texts",
		"COUNT(*) FROM deliveries",
		"COUNT(*) FROM deliveries WHERE LENGTH(sealed) > 0",
		"COUNT(*) FROM deliveries WHERE LENGTH(wrapped) > 0",
		"COUNT(*) FROM deliveries WHERE ended > 0",
		"COUNT(*) FROM deliveries WHERE box = 5",
		"SUM(opened_ms) FROM deliveries",
		"SUM(box) FROM deliveries",
		"SUM(is_unread) FROM deliveries",
		"COUNT(*) FROM tracks",
		"COUNT(*) FROM destructions",
		"COUNT(*) FROM contacts",
		"MAX(last_id) FROM contacts",
		"COUNT(*) FROM exchanges",
		"COUNT(*) FROM away_answers",
		"SUM(version) FROM preferences",
		"COUNT(*) FROM labels",
		"COUNT(*) FROM delivery_labels",
		"COUNT(*) FROM mails",
		"MAX(id) FROM mails",
		"SUM(state) FROM mails",
		"SUM(attempts) FROM mails",
		"COUNT(*) FROM repeats",
		"COUNT(*) FROM files",
		"SUM(state) FROM files",
		"SUM(stored_bytes) FROM files",
		"COUNT(*) FROM files WHERE LENGTH(owner_wrapped) > 0",
		"COUNT(*) FROM file_parts",
		"COUNT(*) FROM message_files",
		"COUNT(*) FROM message_files WHERE recalled_ms > 0",
		"COUNT(*) FROM file_deliveries",
		"COUNT(*) FROM file_deliveries WHERE LENGTH(sealed) > 0",
		"COUNT(*) FROM file_deliveries WHERE LENGTH(wrapped) > 0",
		"COUNT(*) FROM file_deliveries WHERE ended > 0",
		"COUNT(*) FROM library",
		"COUNT(*) FROM draft_files",
	};
	struct buf sql CLEANUP_BUF;
	buf_init(&sql, 8192);
	buf_add(&sql, STR("SELECT ''"));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		buf_addf(&sql, " || COALESCE(CAST((SELECT %s) AS TEXT), '') || ' '", numbers[i]);
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
