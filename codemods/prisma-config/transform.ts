import { asTransform } from '../audit/transform.ts'
import { editPrismaConfig } from './edit.ts'

/**
 * The codemod for `npx jscodeshift -t codemods/prisma-config/transform.ts api/prisma.config.cjs`, with
 * `--directEnv=DIRECT_DATABASE_URL` (without it, one URL serves both), `--testDirectEnv=TEST_DIRECT_URL`, and
 * `--shadowEnv=SHADOW_DATABASE_URL` where there is no shadow database yet.
 */
export default asTransform((text, path, { directEnv, testDirectEnv, shadowEnv }, parser) =>
  editPrismaConfig(
    text,
    path,
    {
      runtimeEnv: 'DATABASE_URL',
      directEnv: directEnv === undefined ? null : String(directEnv),
      testEnv: 'TEST_DATABASE_URL',
      testDirectEnv: testDirectEnv === undefined ? null : String(testDirectEnv),
      shadow: shadowEnv === undefined ? 'keep' : { add: String(shadowEnv) },
    },
    parser,
  ),
)
