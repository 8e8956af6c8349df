/* For core/: the bytes of a file, from its parts; memory does not grow with it. */
#pragma once

#include "base/str.h"
#include "crypto/secret.h"
#include "store/blob.h"
#include "store/files.h"

/* Gives one chunk after the other to `take`, whose error ends it and is returned. ERR_CORRUPT: a
 * blob is missing or damaged. */
enum err file_parts_read(struct blobs *blobs, const struct secret *file_key,
			 const struct file_part *parts, size_t count,
			 enum err (*take)(void *argument, struct str bytes),
			 void *argument) MUST_CHECK;
