/* Where the development server finds the API: that of `npm run dev`, which says where it listens. */
const target = process.env.DAYBOOK_API || 'http://127.0.0.1:3000';

export default { '/v1': { target }, '/health': { target } };
