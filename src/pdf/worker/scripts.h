/* Scripts, and other things that a document would do by itself. They are never run here; they are
 * taken out of what will be signed. */
#pragma once

#include "pdf/worker/work.h"

struct script_facts {
	bool has_scripts, has_files;
};
/* Looks at every object of the document. */
void scripts_find(struct work *work, struct script_facts *ret);
void scripts_strip(struct work *work);
