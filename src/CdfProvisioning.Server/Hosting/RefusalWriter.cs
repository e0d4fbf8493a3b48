using Microsoft.AspNetCore.Http;

namespace CdfProvisioning.Server.Hosting;

/// <summary>Answers a request that is refused before it comes to the application, in the words of the application's protocol.</summary>
internal delegate Task RefusalWriter(HttpContext context, int status, string message);
