/** Response of /version with the fields and size of the service's own. */
export const version = () => ({
  version: "0.1.0",
  environment: "production",
  build_sha: "dev",
  uptime_seconds: Math.round(performance.now()) / 1000,
  schema: "0001_baseline"
})
