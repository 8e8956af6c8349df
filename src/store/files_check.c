/* Rows about files that name what is not there. Foreign keys keep them out, but not of a database
 * that somebody writes to from outside. */
#include "store/message_files.h"

enum err files_count_strays(struct db *db, struct file_strays *ret)
{
	struct file_strays strays;
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM message_files f WHERE NOT EXISTS (SELECT 1 FROM "
			     "messages m WHERE m.id = f.message_id)",
			     NO_PARAMS, &strays.message_files));
	TRY(db_select_number(
		db,
		"SELECT COUNT(*) FROM file_deliveries r WHERE NOT EXISTS (SELECT 1 FROM deliveries "
		"d WHERE d.message_id = r.message_id AND d.user_id = r.user_id) OR NOT EXISTS "
		"(SELECT 1 FROM message_files f WHERE f.message_id = r.message_id AND f.file_id = "
		"r.file_id) OR (r.ended = 0 AND NOT EXISTS (SELECT 1 FROM files o WHERE o.id = "
		"r.file_id AND o.state = 2))",
		NO_PARAMS, &strays.rights));
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM file_parts p WHERE NOT EXISTS (SELECT 1 FROM "
			     "files o WHERE o.id = p.file_id)",
			     NO_PARAMS, &strays.parts));
	TRY(db_select_number(
		db,
		"SELECT COUNT(*) FROM library l WHERE NOT EXISTS (SELECT 1 FROM files o WHERE o.id "
		"= l.file_id AND o.owner_id = l.user_id AND LENGTH(o.owner_wrapped) > 0) AND NOT "
		"EXISTS (SELECT 1 FROM file_deliveries r WHERE r.user_id = l.user_id AND r.file_id "
		"= l.file_id AND r.ended = 0)",
		NO_PARAMS, &strays.library));
	TRY(db_select_number(db,
			     "SELECT COUNT(*) FROM draft_files a WHERE NOT EXISTS (SELECT 1 FROM "
			     "drafts d WHERE d.id = a.draft_id) OR NOT EXISTS (SELECT 1 FROM files "
			     "o WHERE o.id = a.file_id)",
			     NO_PARAMS, &strays.drafts));
	*ret = strays;
	return OK;
}
