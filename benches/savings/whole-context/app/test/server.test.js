const assert = require('assert');
it('greets', () => assert.strictEqual('hello'.length, 5));
