// What a person does again and again on the console, by what they read on the page.
import { PASSWORD, USER } from "./server.mjs";

/** Signs in as the administrator; the page is then the one that comes after it. */
export async function signIn(page, server) {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("Username").fill(USER);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}
