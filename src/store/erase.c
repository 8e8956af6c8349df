#include "store/erase.h"

enum err erase_count(struct db *db, const struct id *user_id, struct erase_counts *ret)
{
	static const char *const sql[] = {
		"SELECT COUNT(*) FROM ways_in WHERE user_id = ?1",
		"SELECT COUNT(*) FROM deliveries WHERE user_id = ?1 AND box BETWEEN 1 AND 4",
		"SELECT COUNT(*) FROM deliveries d WHERE d.user_id = ?1 AND d.box BETWEEN 1 AND 4 "
		"AND d.ended = 0 AND NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.message_id = "
		"d.message_id AND o.user_id <> ?1 AND o.box <> 5 AND o.ended = 0)",
		"SELECT COUNT(*) FROM drafts WHERE user_id = ?1",
		"SELECT (SELECT COUNT(*) FROM library WHERE user_id = ?1) + (SELECT COUNT(*) FROM "
		"files WHERE owner_id = ?1 AND state = 1)",
		"SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM files WHERE owner_id = ?1 AND "
		"state = 2",
		"SELECT COUNT(*) FROM signing_people p JOIN signings s ON s.message_id = "
		"p.message_id WHERE p.user_id = ?1 AND p.state IN (1, 2) AND s.state = 1 AND "
		"s.sender_id <> ?1",
		"SELECT COUNT(*) FROM signings WHERE sender_id = ?1 AND state = 1",
	};
	struct erase_counts counts;
	int64_t *const into[] = {&counts.ways_in, &counts.messages, &counts.alone,
				 &counts.drafts,  &counts.files,    &counts.bytes,
				 &counts.to_sign, &counts.asked_for};
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		TRY(db_select_number(db, sql[i], PARAMS(P_ID(user_id)), into[i]));
	*ret = counts;
	return OK;
}

/* What is theirs: uploaded, in their library, in a draft of theirs. */
static const char loosen_files[] =
	"UPDATE files SET is_loose = 1 WHERE owner_id = ?1 OR id IN (SELECT file_id FROM library "
	"WHERE user_id = ?1) OR id IN (SELECT a.file_id FROM draft_files a JOIN drafts d ON d.id = "
	"a.draft_id WHERE d.user_id = ?1)";
static const char empty_drafts[] =
	"DELETE FROM draft_files WHERE draft_id IN (SELECT id FROM drafts WHERE user_id = ?1)";

enum err erase_rows(struct db *db, const struct id *user_id)
{
	static const char *const sql[] = {
		"DELETE FROM ways_in WHERE user_id = ?1",
		loosen_files,
		"DELETE FROM library WHERE user_id = ?1",
		empty_drafts,
		"DELETE FROM drafts WHERE user_id = ?1",
		"DELETE FROM people_groups WHERE user_id = ?1",
		"DELETE FROM away_answers WHERE user_id = ?1",
		"DELETE FROM preferences WHERE user_id = ?1",
		"DELETE FROM signing_kept WHERE user_id = ?1",
		"DELETE FROM address_proofs WHERE user_id = ?1",
		"DELETE FROM aliases WHERE user_id = ?1",
		"DELETE FROM contacts WHERE user_id = ?1",
		"DELETE FROM blocks WHERE user_id = ?1 OR blocked_id = ?1",
		"DELETE FROM repeats WHERE user_id = ?1",
		"DELETE FROM mails WHERE state = 1 AND user_id = ?1",
		"INSERT INTO erasing (user_id) VALUES (?1) ON CONFLICT DO NOTHING",
	};
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		TRY(db_run(db, sql[i], PARAMS(P_ID(user_id)), NULL));
	return OK;
}
