/* An upload is looked at by the virus scanner while it arrives, if there is one and the setting
 * virus_scan wants it. For core/upload*.c, which makes these calls:
 *
 *   upload_begin   upload_scan_begin()
 *   upload_take    upload_scan_add() with the bytes taken
 *   last byte there, the blob of the last part committed, its row not yet: upload_scan_finish()
 *   upload_free    upload_scan_free()
 *
 * A file that comes in one request is looked at while it streams. One that came in several, or
 * whose scan broke off because its line was slow, say, is read back from its parts when it is
 * complete: so no way of cutting a file into requests costs more than one look at it. */
#pragma once

#include "core/cx.h"
#include "crypto/secret.h"
#include "store/files.h"

struct upload_scan;

/* A request that brings `bytes` (-1: unknown) from `offset` on. NULL in *ret, which the other calls
 * take: nothing is to be scanned. file and file_key must outlive it. ERR_UNAVAILABLE: no memory. */
enum err upload_scan_begin(struct cx *cx, const struct file *file, const struct secret *file_key,
			   int64_t offset, int64_t bytes, struct upload_scan **ret) MUST_CHECK;
/* Never fails: what goes wrong decides what upload_scan_finish() says. */
void upload_scan_add(struct upload_scan *scan, struct str bytes);
/* last: the parts that have no rows yet (several where a checksum was to come). Waits for the
 * scanner, for LIMIT_SCAN_ANSWER_MS at most: hold no lock that others need, and no connection to
 * the database. OK: *ret is to be written as file.scan (FILE_SCAN_NONE for a NULL scan).
 * ERR_DENIED: infected, and such are refused: *ret is FILE_SCAN_INFECTED, the file becomes
 * FILE_REFUSED, its parts and blobs go. ERR_UNAVAILABLE: the scanner is out of reach and the
 * setting is refuse: the last parts are not to be kept, so that the client sees an unfinished
 * upload and sends it again in a moment. Logs what it found. */
enum err upload_scan_finish(struct upload_scan *scan, struct cx *cx, const struct file_part *last,
			    size_t last_count, enum file_scan *ret) MUST_CHECK;
/* NULL is fine. */
void upload_scan_free(struct upload_scan *scan);
