/* For store/blob_dir*.c: blobs in a folder, PATH/AB/ID, where AB are the last two characters of the
 * id (the first ones are the time, and would put all of a month into one folder).
 *
 *   put      PATH/AB/ID.new, locked by who writes it
 *   commit   fsync, rename to PATH/AB/ID, fsync of the folder: measured by power cuts, each of
 *            them is needed
 *
 * What is left of a process that died has a lock no more, and blob_list() removes it. */
#pragma once

#include "store/blob_engine.h"

#include <pthread.h>

enum { BLOB_DIR_AB_CHARS = 2, BLOB_DIR_FOLDERS = 32 * 32 };
#define BLOB_DIR_UNFINISHED ".new"

struct blob_dir {
	struct blobs blobs;
	int fd;
	pthread_mutex_t lock;
	bool is_durable[BLOB_DIR_FOLDERS]; /* that this folder is there is on disk */
};

/* Enough for each name that is made here. */
struct blob_dir_name {
	char text[BLOB_DIR_AB_CHARS + 1 + ID_CHARS + sizeof(BLOB_DIR_UNFINISHED)];
};
/* "AB" of the folder with this number: 0 to BLOB_DIR_FOLDERS - 1. */
struct blob_dir_name blob_dir_folder_name(int number);
int blob_dir_folder_of(const struct id *id);
/* Opens it; -1 and errno. */
int blob_dir_open_folder(const struct blob_dir *dir, int number);
/* Logs the step that failed, with errno: ERR_UNAVAILABLE. */
enum err blob_dir_failed(const char *step);

/* blob_dir_put.c, blob_dir_list.c */
enum err blob_dir_put_begin(struct blobs *blobs, const struct id *id,
			    struct blob_put **ret) MUST_CHECK;
enum err blob_dir_put_add(struct blob_put *put, struct str bytes) MUST_CHECK;
enum err blob_dir_put_commit(struct blob_put *put, int64_t bytes) MUST_CHECK;
void blob_dir_put_abandon(struct blob_put *put);
enum err blob_dir_list(struct blobs *blobs, struct arena *arena, const struct id *after,
		       size_t limit, struct blob_entry **ret, size_t *ret_count) MUST_CHECK;
