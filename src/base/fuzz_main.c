/* Runs a fuzzer's entry point over the files (or folders of files) named on the command line, as an
 * ordinary test. */
#include "base/str.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	/* Exactly as long as the input, so that a read past the end is seen by the sanitizer. */
	fseek(file, 0, SEEK_END);
	size_t size = (size_t)ftell(file);
	rewind(file);
	uint8_t *data = malloc(size ? size : 1);
	size_t got = data ? fread(data, 1, size, file) : 0;
	fclose(file);
	if (got == size && data)
		LLVMFuzzerTestOneInput(data, size);
	free(data);
	return got == size ? 0 : 1;
}

static int run_folder(const char *path)
{
	int failures = 0;
	DIR *folder = opendir(path);
	if (folder == NULL)
		return 1;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		char file[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		failures += run_file(file);
	}
	closedir(folder);
	return failures;
}

int main(int argc, char **argv)
{
	int failures = argc < 2;
	for (int i = 1; i < argc; i++) {
		struct stat info;
		if (stat(argv[i], &info) != 0)
			failures++;
		else
			failures += S_ISDIR(info.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
	}
	return failures > 0;
}
