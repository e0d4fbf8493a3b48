using System.Diagnostics;
using CdfProvisioning.Server.Aws;
using CdfProvisioning.Server.Devices;
using CdfProvisioning.Server.Hosting;
using CdfProvisioning.Server.Rest;

namespace CdfProvisioning.Server;

/// <summary>Serves a connection over HTTP, until it is stopped. The connection must outlive it.</summary>
internal sealed class CdfServer
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ConnectionInfo _connection;
    private readonly HttpEndpoint _rest;
    private readonly AwsEndpoint? _aws;
    private readonly DeviceServer? _devices;

    private CdfServer(ConnectionInfo connection, HttpEndpoint rest, AwsEndpoint? aws, DeviceServer? devices, RequestJournal journal)
    {
        _devices = devices;
        _connection = connection;
        _rest = rest;
        _aws = aws;
        Journal = journal;
    }

    /// <summary>The requests that it has answered.</summary>
    public RequestJournal Journal { get; }

    public ServerInfo Info => new()
    {
        Address = _rest.Address,
        AwsAddress = _aws?.Address,
        DeviceAddress = _devices?.Address,
        Devices = _devices?.Devices ?? [],
        Connection = _connection,
        Uptime = Stopwatch.GetElapsedTime(_start),
        Requests = Journal.Counts,
    };

    /// <exception cref="CdfException">InvalidRequest, Unavailable, AccessDenied: it cannot, or must not, serve there.</exception>
    public static async Task<CdfServer> StartAsync(ServerOptions options, Connection connection, CancellationToken cancellationToken)
    {
        options.Check();
        PrometheusText.Begin();
        RowSpool.DeleteLeft();
        var journal = new RequestJournal(options.LogPath is { } log ? RequestLog.Open(log) : null);
        try
        {
            return await StartAsync(options, connection, journal, cancellationToken);
        }
        catch
        {
            await journal.CompleteAsync();
            throw;
        }
    }

    private static async Task<CdfServer> StartAsync(ServerOptions options, Connection connection, RequestJournal journal, CancellationToken cancellationToken)
    {
        AwsEndpoint? aws = null;
        DeviceServer? devices = null;
        try
        {
            aws = options.AwsPort is null ? null : await AwsEndpoint.StartAsync(options, connection, journal, cancellationToken);
            devices = options.DevicePort is null ? null : await DeviceServer.StartAsync(options, connection, journal, cancellationToken);
            var rest = await HttpEndpoint.StartAsync(
                options, RestAnswers.RefuseAsync, journal, RestApi.Over(connection, options), ApiPage.Use, cancellationToken);
            if (options.ResumesTasks)
                await connection.BulkRegistrations.ResumeOfServersAsync(cancellationToken);
            return new(connection.Info, rest, aws, devices, journal);
        }
        catch
        {
            await Task.WhenAll(aws?.StopAsync(CancellationToken.None) ?? Task.CompletedTask, devices?.StopAsync(CancellationToken.None) ?? Task.CompletedTask);
            throw;
        }
    }

    /// <summary>Accepts no more requests; returns when those that are being served are done, and nothing uses the connection any more.</summary>
    /// <param name="cancellationToken">Aborts those that are being served, which otherwise have 30 seconds.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            _rest.StopAsync(cancellationToken),
            _aws?.StopAsync(cancellationToken) ?? Task.CompletedTask,
            _devices?.StopAsync(cancellationToken) ?? Task.CompletedTask);
        await Journal.CompleteAsync();
    }
}
