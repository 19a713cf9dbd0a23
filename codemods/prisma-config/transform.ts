import { asTransform } from '../audit/transform.ts'
import { editPrismaConfig } from './edit.ts'

/**
 * The codemod for `npx jscodeshift -t codemods/prisma-config/transform.ts api/prisma.config.cjs`, with
 * `--directEnv=DIRECT_DATABASE_URL` (without it, one URL serves both) and `--testDirectEnv=TEST_DIRECT_URL`.
 */
export default asTransform((text, path, { directEnv, testDirectEnv }, parser) =>
  editPrismaConfig(
    text,
    path,
    {
      runtimeEnv: 'DATABASE_URL',
      directEnv: directEnv === undefined ? null : String(directEnv),
      testEnv: 'TEST_DATABASE_URL',
      testDirectEnv: testDirectEnv === undefined ? null : String(testDirectEnv),
    },
    parser,
  ),
)
