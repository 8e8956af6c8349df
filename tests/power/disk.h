/* A disk whose power can be cut: a file system on a loop device over an image file. Linux, root. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

enum { DISK_PATH_BYTES = 128 };

struct disk {
	const char *file_system; /* "ext4" or "xfs" */
	char image[DISK_PATH_BYTES];
	char mount[DISK_PATH_BYTES]; /* folder where it is mounted */
	char device[DISK_PATH_BYTES];
	int device_fd; /* the loop device goes away with it, whatever happens to this process */
	bool is_mounted;
};

/* Before any disk is made: this process gets a view of its own on mounts, which ends with it.
 * ERR_DENIED without root. *ret_why says what is missing when there is an error. */
enum err disk_prepare(const char **ret_why) MUST_CHECK;

/* Makes image, file system and mount point in `folder`, and mounts it. Each cause is printed to
 * standard error. */
enum err disk_init(struct disk *disk, const char *folder, const char *file_system) MUST_CHECK;
/* Unmounts and takes everything away. */
void disk_release(struct disk *disk);

/* Cuts the power: from now on the file system writes nothing, not even what it holds in memory;
 * every write fails. */
enum err disk_cut(struct disk *disk) MUST_CHECK;
/* After disk_cut, when nobody has files open: the machine starts again, the journal is replayed. */
enum err disk_restart(struct disk *disk) MUST_CHECK;
