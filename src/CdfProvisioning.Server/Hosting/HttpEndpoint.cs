using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace CdfProvisioning.Server.Hosting;

/// <summary>A port on which Kestrel listens for one application, and what is common to all applications.</summary>
internal sealed class HttpEndpoint
{
    public const string ApiKeyHeader = "x-api-key";
    public const string RequestIdHeader = "x-request-id";

    private const string KestrelAssembly = "Microsoft.AspNetCore.Server.Kestrel.Core";
    private const string UnknownRoute = "(no such route)";
    private const int MaxRequestIdLength = 128;

    /// <summary>How long requests that are being served may take when the server is stopped.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RequestHeadersTimeout = TimeSpan.FromSeconds(10);

    private readonly ServerOptions _options;
    private readonly RefusalWriter _refuse;
    private readonly RequestJournal _journal;
    private readonly HostNames _hostNames;
    private readonly byte[]? _apiKey;
    private readonly RequestsInFlight _inFlight = new();
    private readonly WebApplication _web;

    private HttpEndpoint(
        ServerOptions options, RefusalWriter refuse, RequestJournal journal, Action<IApplicationBuilder> application, Action<IApplicationBuilder>? open)
    {
        _options = options;
        _refuse = refuse;
        _journal = journal;
        _hostNames = new(options.Address, options.Certificate);
        _apiKey = string.IsNullOrEmpty(options.ApiKey) ? null : Hash(options.ApiKey);
        _web = Build();
        _web.Use(ServeAsync);
        if (options.CorsOrigins.Count > 0)
            _web.UseCors(policy => policy
                .WithOrigins([.. options.CorsOrigins]).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("location", RequestIdHeader));
        open?.Invoke(_web);
        if (_apiKey is not null)
            _web.Use(CheckApiKeyAsync);
        application(_web);
    }

    /// <summary>Where it listens, such as <c>http://127.0.0.1:3004/</c>.</summary>
    public Uri Address { get; private set; } = null!;

    /// <param name="options">Where to listen.</param>
    /// <param name="refuse">Words a refusal.</param>
    /// <param name="journal">Where its requests are counted.</param>
    /// <param name="application">Adds the application to the pipeline. It names its routes by setting an endpoint with a display name.</param>
    /// <param name="open">Adds what is before the application, and needs no API key.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="CdfException">Unavailable, AccessDenied, InvalidRequest: it cannot listen there.</exception>
    public static async Task<HttpEndpoint> StartAsync(
        ServerOptions options, RefusalWriter refuse, RequestJournal journal, Action<IApplicationBuilder> application, Action<IApplicationBuilder>? open,
        CancellationToken cancellationToken)
    {
        var endpoint = new HttpEndpoint(options, refuse, journal, application, open);
        try
        {
            await endpoint._web.StartAsync(cancellationToken);
            endpoint.Address = new(endpoint._web.Urls.First());
            return endpoint;
        }
        catch (Exception e)
        {
            await endpoint._web.DisposeAsync();
            throw CannotListen(options, e) ?? e;
        }
    }

    /// <summary>Accepts no more requests, and returns when those that are being served are done.</summary>
    /// <param name="cancellationToken">Aborts those that are being served, which otherwise have 30 seconds.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _web.StopAsync(cancellationToken);
        await _inFlight.EndAsync();
        await _web.DisposeAsync();
    }

    public static CdfException? CannotListen(ServerOptions options, Exception exception) =>
        (exception as SocketException ?? exception.InnerException as SocketException ?? exception.InnerException?.InnerException as SocketException)?.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => new(
                CdfErrorCode.Unavailable, $"Port {options.Port} of {options.Address} is in use already: stop what uses it, or name another port (0 for any free one).", exception),
            SocketError.AccessDenied => new(
                CdfErrorCode.AccessDenied, $"You may not listen on port {options.Port}: name one above 1023 (0 for any free one).", exception),
            SocketError.AddressNotAvailable => new(
                CdfErrorCode.InvalidRequest, $"This machine has no address {options.Address} to listen on.", exception),
            _ => null,
        };

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static bool IsRequestId(string? id) =>
        id is { Length: > 0 and <= MaxRequestIdLength } && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Configure);
        BoundedTransport.Use(builder, FileDescriptors.Bound(_options.MaxConnections));
        builder.Services.AddRoutingCore().AddCors();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = DrainTimeout);
        return builder.Build();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = _options.MaxRequestBodySize;
        kestrel.Limits.RequestHeadersTimeout = RequestHeadersTimeout;
        var perAddress = new ConnectionLimit(FileDescriptors.Bound(_options.MaxConnectionsPerAddress));
        kestrel.Listen(_options.Address, _options.Port, listen =>
        {
            listen.Use(perAddress.Before);
            if (_options.Certificate is { } certificate)
                listen.UseHttps(certificate);
        });
    }

    /// <summary>
    /// Kestrel answers so once a body is read, and never where there is none to read; botocore then takes the answer for that of its
    /// next request, and waits for another until its time is up. Nothing else is being written to the connection yet.
    /// </summary>
    private static async Task ContinueAsync(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IConnectionTransportFeature>()?.Transport.Output is { } output)
            await output.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), context.RequestAborted);
    }

    /// <summary>Sees every request first and last: nothing that a handler throws gets past it.</summary>
    private async Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        _inFlight.Enter();
        var start = Stopwatch.GetTimestamp();
        string? failure = null;
        try
        {
            var requestId = context.Request.Headers[RequestIdHeader].ToString();
            if (IsRequestId(requestId))
                context.TraceIdentifier = requestId;
            context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
            if (context.Request.Headers.Expect.Count > 0)
                context.Response.OnStarting(CloseIfRefused, context.Response);
            if (context.Request.ContentLength == 0 && context.Request.Headers.Expect.ToString().Equals("100-continue", StringComparison.OrdinalIgnoreCase))
                await ContinueAsync(context);

            if (_hostNames.IsOurs(context.Request))
                await next(context);
            else
                await _refuse(context, StatusCodes.Status400BadRequest, $"This server is not '{context.Request.Headers.Host}': ask it by its address, {Address}.");
        }
        catch (Exception e) when (IsOfAbort(context, e))
        {
            await RefuseAsync(context, StatusCodes.Status499ClientClosedRequest, "The request was aborted.");
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, Describe(e));
        }
        catch (IOException e) when (e.Source == KestrelAssembly)
        {
            // A chunk size beyond all numbers, which Kestrel does not call a bad request.
            context.Response.Headers.Connection = "close";
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The body cannot be read: {e.Message}");
        }
#pragma warning disable CA1031 // Whatever it was, the client gets an answer, and who looks after the server gets the cause.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}";
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"The server failed to answer; its log has the cause under {context.TraceIdentifier}.");
        }
        finally
        {
            var served = new ServedRequest(
                context.Request.Method, context.Request.Path.ToUriComponent(), context.GetEndpoint()?.DisplayName ?? UnknownRoute,
                context.Response.StatusCode, Stopwatch.GetElapsedTime(start), context.TraceIdentifier,
                context.Connection.RemoteIpAddress?.ToString(), failure);
            _ = EndAsync(served, context.Features.Get<ServerNote>()); // The connection's next request does not wait for the note.
        }
    }

    private async Task EndAsync(ServedRequest served, ServerNote? note)
    {
        try
        {
            if (note is not null && await note.Text is { } text)
                served = served with { Failure = served.Failure ?? text };
        }
        finally
        {
            _journal.Add(served);
            _inFlight.Leave();
        }
    }

    /// <summary>A client that waits for the go-ahead will not send its body now; but Kestrel would still take the next request for it.</summary>
    private static Task CloseIfRefused(object response)
    {
        var (status, headers) = (((HttpResponse)response).StatusCode, ((HttpResponse)response).Headers);
        if (status >= StatusCodes.Status400BadRequest)
            headers.Connection = "close";
        return Task.CompletedTask;
    }

    /// <summary>Whoever reads from a connection that is aborted may be told so, also by a cancellation that it causes, before the request's token is cancelled.</summary>
    private static bool IsOfAbort(HttpContext context, Exception exception) =>
        (exception is OperationCanceledException { InnerException: { } cause } ? cause : exception) is ConnectionAbortedException or ConnectionResetException
        || (context.RequestAborted.IsCancellationRequested && exception is (OperationCanceledException or IOException or ObjectDisposedException));

    private async Task CheckApiKeyAsync(HttpContext context, RequestDelegate next)
    {
        if (CryptographicOperations.FixedTimeEquals(Hash(context.Request.Headers[ApiKeyHeader].ToString()), _apiKey))
        {
            await next(context);
            return;
        }

        context.Response.Headers.WWWAuthenticate = ApiKeyHeader;
        await _refuse(context, StatusCodes.Status401Unauthorized, $"The header {ApiKeyHeader} has to have this server's API key.");
    }

    /// <summary>An answer that has begun cannot be taken back, only be broken off, so that nobody takes it for whole.</summary>
    private async Task RefuseAsync(HttpContext context, int status, string message)
    {
        if (context.Response.HasStarted)
            context.Abort();
        else
            await _refuse(context, status, message);
    }

    private string Describe(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge =>
            $"The body is longer than {_options.MaxRequestBodySize:N0} bytes: send less at a time, or have the server accept more (Start-CdfServer -MaxRequestBodySize).",
        StatusCodes.Status408RequestTimeout => "The body came too slowly.",
        _ => exception.Message,
    };

    /// <summary>Ctrl+C and the end of the process belong to PowerShell.</summary>
    internal sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
