/* The files of one message as entries of a zip, read chunk by chunk. Each is a download, in the
 * sender's tracking too. */
#pragma once

#include "core/mailbox.h"
#include "mail/zip.h"

struct zip_files;

/* Those that the reader can open now. folder: before their names, with a '/' at its end; may be
 * empty. What is confidential has to be confirmed in cx. */
enum err zip_files_open(struct cx *cx, const struct message_view *view, struct str folder,
			struct zip_files **ret) MUST_CHECK;
size_t zip_files_count(const struct zip_files *files);
/* Adds the next piece; *ret_is_over: there was none left. A file that was recalled before its turn
 * is left out; in place of one whose beginning is damaged stands a note. ERR_DENIED: it was
 * recalled in the middle. ERR_CORRUPT: damaged in the middle. Needs no request. */
enum err zip_files_next(struct zip_files *files, struct zip *zip, bool *ret_is_over) MUST_CHECK;
/* As download_watch(), of the one that is being read: what is recalled before its turn is left
 * out. */
void zip_files_watch(struct zip_files *files, void (*cut)(void *argument), void *argument);
/* NULL is fine. */
void zip_files_free(struct zip_files *files);
