/* Where postern-pdf is: beside the running executable. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct pdf_workers;

/* Workers that run it; half as many at once as there are processors, so that readers do not wait
 * for signers. ERR_NOT_FOUND: it is not there, or may not be run; *ret_path says where it would be.
 */
enum err pdf_program_workers(struct arena *arena, struct pdf_workers **ret,
			     struct str *ret_path) MUST_CHECK;
