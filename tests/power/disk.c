#include "power/disk.h"

#include "power/command.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* XFS takes no less than 300 MB. The image is sparse. */
enum { IMAGE_MB = 512, MOUNT_TRIES = 50 };

static enum err complain(const char *what, const char *about)
{
	fprintf(stderr, "%s: %s: %s\n", what, about, strerror(errno));
	return ERR_UNAVAILABLE;
}

enum err disk_prepare(const char **ret_why)
{
	if (geteuid() != 0) {
		*ret_why = "needs root";
		return ERR_DENIED;
	}
	if (access("/dev/loop-control", R_OK | W_OK) != 0) {
		*ret_why = "needs loop devices";
		return ERR_UNAVAILABLE;
	}
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		*ret_why = "needs the right to mount";
		return ERR_DENIED;
	}
	return OK;
}

static enum err make_image(struct disk *disk)
{
	int fd = open(disk->image, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return complain("making", disk->image);
	int failed = ftruncate(fd, (off_t)IMAGE_MB << 20);
	close(fd);
	if (failed)
		return complain("growing", disk->image);
	if (strcmp(disk->file_system, "xfs") == 0)
		return command_run(COMMAND("mkfs.xfs", "-q", "-K", disk->image));
	return command_run(
		COMMAND("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,nodiscard", disk->image));
}

/* Another process may take the same free device first: then it is tried again. */
static enum err attach(struct disk *disk)
{
	int image = open(disk->image, O_RDWR | O_CLOEXEC);
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	enum err err = ERR_UNAVAILABLE;
	for (int i = 0; i < MOUNT_TRIES && err != OK && image >= 0 && control >= 0; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		snprintf(disk->device, sizeof(disk->device), "/dev/loop%d", number);
		disk->device_fd = open(disk->device, O_RDWR | O_CLOEXEC);
		if (disk->device_fd < 0)
			break;
		struct loop_config config = {
			.fd = (unsigned)image,
			.info.lo_flags = LO_FLAGS_AUTOCLEAR,
		};
		if (ioctl(disk->device_fd, LOOP_CONFIGURE, &config) == 0) {
			err = OK;
			break;
		}
		close(disk->device_fd);
		disk->device_fd = -1;
	}
	if (err != OK)
		err = complain("attaching a loop device to", disk->image);
	if (image >= 0)
		close(image);
	if (control >= 0)
		close(control);
	return err;
}

static enum err mount_disk(struct disk *disk)
{
	/* The journal is replayed in here. */
	if (mount(disk->device, disk->mount, disk->file_system, MS_NOATIME, NULL) != 0)
		return complain("mounting", disk->device);
	disk->is_mounted = true;
	return OK;
}

enum err disk_init(struct disk *disk, const char *folder, const char *file_system)
{
	*disk = (struct disk){.file_system = file_system, .device_fd = -1};
	snprintf(disk->image, sizeof(disk->image), "%s/%s.image", folder, file_system);
	snprintf(disk->mount, sizeof(disk->mount), "%s/%s", folder, file_system);
	if (mkdir(disk->mount, 0700) != 0)
		return complain("making", disk->mount);
	TRY(make_image(disk));
	TRY(attach(disk));
	return mount_disk(disk);
}

static enum err unmount_disk(struct disk *disk)
{
	/* A process that was just killed may hold its files a moment longer. */
	for (int i = 0; disk->is_mounted && i < MOUNT_TRIES; i++) {
		if (umount2(disk->mount, 0) == 0)
			disk->is_mounted = false;
		else if (errno != EBUSY)
			break;
		else
			usleep(10 * 1000);
	}
	return disk->is_mounted ? complain("unmounting", disk->mount) : OK;
}

void disk_release(struct disk *disk)
{
	if (unmount_disk(disk) != OK)
		umount2(disk->mount, MNT_DETACH);
	if (disk->device_fd >= 0)
		close(disk->device_fd);
	disk->device_fd = -1;
	rmdir(disk->mount);
	unlink(disk->image);
}

/* What `xfs_io -x -c shutdown` does: one ioctl that XFS and ext4 both know (in their headers
 * EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN). Called directly, so that the moment of the cut is known
 * to the microsecond. */
#define SHUTDOWN _IOR('X', 125, uint32_t)
#define SHUTDOWN_WITHOUT_FLUSHING_THE_JOURNAL 2

enum err disk_cut(struct disk *disk)
{
	uint32_t how = SHUTDOWN_WITHOUT_FLUSHING_THE_JOURNAL;
	int fd = open(disk->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = fd < 0 || ioctl(fd, SHUTDOWN, &how) != 0;
	enum err err = failed ? complain("cutting", disk->mount) : OK;
	if (fd >= 0)
		close(fd);
	return err;
}

enum err disk_restart(struct disk *disk)
{
	TRY(unmount_disk(disk));
	return mount_disk(disk);
}
