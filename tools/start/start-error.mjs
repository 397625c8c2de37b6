/** A problem that the person who starts Daybook can fix; they see nothing but its message. */
export class StartError extends Error {
  name = 'StartError';
}

const words = {
  EROFS: (path) => `${path} is on a read-only disk. Choose another folder with --data.`,
  ENOSPC: (path) => `The disk that holds ${path} is full. Free some space and start again.`,
  EDQUOT: (path) => `The disk quota for ${path} is used up. Free some space and start again.`,
  EACCES: (path) => `This user cannot write to ${path}. Choose another folder with --data.`,
  EPERM: (path) => `This user cannot write to ${path}. Choose another folder with --data.`,
  ENOENT: (path) => `${path} cannot be created there. Choose another folder with --data.`,
  ENOTDIR: (path) => `${path} is not a folder. Choose another one with --data.`,
};

/** Explains a failed system call on the data folder; returns any other error unchanged. */
export const explained = (error, path) => {
  const sentence = words[error?.code];
  return sentence ? new StartError(sentence(path)) : error;
};
