#include "server/pdf_program.h"

#include "pdf/pdf.h"

#include <limits.h>
#include <unistd.h>

static enum err find(struct arena *arena, struct str *ret_path)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self));
	if (len <= 0 || len == (ssize_t)sizeof(self))
		return ERR_UNAVAILABLE;
	while (len > 0 && self[len - 1] != '/')
		len--;
	*ret_path = arena_printf(arena, "%.*spostern-pdf", (int)len, self);
	return access(arena_cstr(arena, *ret_path), X_OK) == 0 ? OK : ERR_NOT_FOUND;
}

enum err pdf_program_workers(struct arena *arena, struct pdf_workers **ret, struct str *ret_path)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	TRY(find(arena, ret_path));
	return pdf_workers_new(*ret_path, processors > 2 ? (int)(processors / 2) : 1, ret);
}
