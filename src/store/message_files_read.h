/* For store/: rows of message_files and file_deliveries, for statements that join them under the
 * aliases f and d. */
#pragma once

#include "store/message_files.h"

/* The columns in the order these take them; each reads and authenticates one. On ERR_CORRUPT *ret
 * has what stands there, for its ids. */
#define MESSAGE_FILES_COLUMNS                                                                      \
	"f.message_id, f.file_id, f.position, f.source_id, f.head, f.recalled_ms, f.mac"
enum { MESSAGE_FILES_COLUMN_COUNT = 7 };
enum err message_files_read(struct rows *rows, int column, struct arena *arena,
			    struct message_file *ret) MUST_CHECK;

#define FILE_DELIVERIES_COLUMNS                                                                    \
	"d.message_id, d.file_id, d.user_id, d.sealed, d.wrapped, d.ended, d.ended_ms, d.mac"
enum { FILE_DELIVERIES_COLUMN_COUNT = 8 };
enum err file_deliveries_read(struct rows *rows, int column, struct arena *arena,
			      struct file_delivery *ret) MUST_CHECK;
/* What stands in the column mac; in `room`. */
struct str file_deliveries_mac(const struct db *db, const struct file_delivery *delivery,
			       uint8_t room[DIGEST_BYTES]);
