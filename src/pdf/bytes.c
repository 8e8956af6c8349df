#include "pdf/pdf.h"

#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum err pdf_bytes_new(struct pdf_bytes *ret)
{
	int fd = memfd_create("pdf", MFD_CLOEXEC);
	if (fd < 0) {
		log_event(LOG_ERROR, "pdf.memory", LOG_CSTR("why", strerror(errno)));
		return ERR_UNAVAILABLE;
	}
	*ret = (struct pdf_bytes){.fd = fd};
	return OK;
}

enum err pdf_bytes_add(struct pdf_bytes *to, struct str bytes)
{
	if (bytes.len > (size_t)(LIMIT_PDF_BYTES + LIMIT_PDF_GROWTH_BYTES - to->bytes))
		return ERR_TOO_LARGE;
	while (bytes.len > 0) {
		ssize_t put = pwrite(to->fd, bytes.data, bytes.len, to->bytes);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			log_event(LOG_ERROR, "pdf.memory", LOG_CSTR("why", strerror(errno)));
			return ERR_UNAVAILABLE;
		}
		to->bytes += put;
		bytes = str_slice(bytes, (size_t)put, bytes.len);
	}
	return OK;
}

enum err pdf_bytes_map(const struct pdf_bytes *of, struct str *ret)
{
	if (of->bytes == 0) {
		*ret = STR_NONE;
		return OK;
	}
	void *map = mmap(NULL, (size_t)of->bytes, PROT_READ, MAP_SHARED, of->fd, 0);
	if (map == MAP_FAILED) {
		log_event(LOG_ERROR, "pdf.memory", LOG_CSTR("why", strerror(errno)));
		return ERR_UNAVAILABLE;
	}
	*ret = str_bytes(map, (size_t)of->bytes);
	return OK;
}

void pdf_bytes_unmap(struct str view)
{
	if (view.len > 0)
		munmap((void *)(uintptr_t)view.data, view.len);
}

/* Its pages go back to the system, which hands them out as they are to nobody but itself. */
static void wipe(struct pdf_bytes *bytes)
{
	if (bytes->bytes == 0)
		return;
	void *map =
		mmap(NULL, (size_t)bytes->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bytes->fd, 0);
	if (map == MAP_FAILED)
		return;
	explicit_bzero(map, (size_t)bytes->bytes);
	munmap(map, (size_t)bytes->bytes);
}

void pdf_bytes_free(struct pdf_bytes *bytes)
{
	if (bytes == NULL || bytes->fd < 0)
		return;
	wipe(bytes);
	close(bytes->fd);
	*bytes = (struct pdf_bytes){.fd = -1};
}
