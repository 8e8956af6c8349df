/* For store/: rows of files. */
#pragma once

#include "store/files.h"

/* What stands in the column mac. */
void files_mac(const struct db *db, const struct file *file, uint8_t ret_mac[DIGEST_BYTES]);

/* Of a file with id ?1: whether nobody has it. What was never sent does not stay for being in its
 * owner's library, what is not ready not for being in a draft; nor anything for being in the draft
 * of somebody who has lost it. The conditions of the partial indexes stand in it as they do there.
 */
#define FILES_NOBODY_HAS                                                                           \
	"NOT EXISTS (SELECT 1 FROM file_deliveries e WHERE e.file_id = ?1 AND e.ended = 0) AND "   \
	"NOT EXISTS (SELECT 1 FROM signing_files s WHERE s.file_id = ?1) AND "                     \
	"(state <> 2 OR (NOT EXISTS (SELECT 1 FROM draft_files a JOIN drafts r ON r.id = "         \
	"a.draft_id WHERE a.file_id = ?1 AND r.user_id = owner_id AND LENGTH(owner_wrapped) > "    \
	"0) AND "                                                                                  \
	"(is_sent = 0 OR NOT EXISTS (SELECT 1 FROM library l WHERE l.file_id = ?1))))"

/* Housekeeping has to look whether somebody still has it. */
enum err files_loosen(struct db *db, const struct id *id) MUST_CHECK;
