/** Imports a file as Node does, without what the test runner makes of an import. */
module.exports = (url) => import(url);
