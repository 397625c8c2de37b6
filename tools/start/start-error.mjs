/** Something the person who starts Daybook can put right; its message is all they see. */
export class StartError extends Error {
  name = 'StartError';
}

const words = {
  EROFS: (path) => `${path} is on a read-only disk. Choose another folder with --data.`,
  ENOSPC: (path) => `The disk that holds ${path} is full. Free some space and start again.`,
  EDQUOT: (path) => `The disk quota for ${path} is used up. Free some space and start again.`,
  EACCES: (path) => `${path} cannot be written by this user. Choose another folder with --data.`,
  EPERM: (path) => `${path} cannot be written by this user. Choose another folder with --data.`,
  ENOENT: (path) => `${path} cannot be made there. Choose another folder with --data.`,
  ENOTDIR: (path) => `${path} is not a folder. Choose another one with --data.`,
};

/** What a failed system call on the data folder means, or the error itself when it is something else. */
export const explained = (error, path) => {
  const sentence = words[error?.code];
  return sentence ? new StartError(sentence(path)) : error;
};
